#!/bin/sh
exec caddy run --config "$CONFIG" # "quotes" and \backslashes
