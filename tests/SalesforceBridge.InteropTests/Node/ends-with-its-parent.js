'use strict';

// Loaded before every script: when the test process ends, however it ends, its end of the pipe closes.
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
process.stdin.unref?.();
