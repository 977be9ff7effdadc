#!/bin/sh
# Makes the page of all cases; that some are not good is not its business.
set -eu

mkdir -p "$FOLDER/report"
promptc report -o "$FOLDER/report/report.html" || [ -f "$FOLDER/report/report.html" ]
