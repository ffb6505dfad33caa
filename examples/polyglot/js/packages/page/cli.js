#!/usr/bin/env node
'use strict';

process.stdout.write(require('./index.js').page());
