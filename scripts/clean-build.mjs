// Builds the package in the working directory from nothing: what an earlier build left behind must not be packed.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

for (const path of ['dist', 'tsconfig.tsbuildinfo']) rmSync(path, { recursive: true, force: true });
execFileSync('tsc', ['-b'], { stdio: 'inherit', shell: process.platform === 'win32' });
