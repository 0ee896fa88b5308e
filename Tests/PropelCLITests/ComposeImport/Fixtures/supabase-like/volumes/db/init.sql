-- roles
create role app password null;
