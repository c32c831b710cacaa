/** Builds the console into packages/server/console if what is there is absent or older than its sources. Quick if it is not. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'packages/server/console');
const stamp = join(target, 'sources.sha256');
const SOURCES = ['packages/console', 'packages/wire/src', 'packages/receiver/package.json', 'scripts/build-console.ts'];

/** Their licence goes with them. */
const FONTS = ['@fontsource-variable/geist', '@fontsource-variable/geist-mono'];

function licenceName(font: string): string {
  return `licence-${font.split('/')[1]}.txt`;
}

/** Every file below a path that the build reads. */
function* filesIn(path: string): Generator<string> {
  if (!statSync(path).isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) {
    if (name !== 'node_modules' && name !== 'dist' && !/\.test\.tsx?$/.test(name)) yield* filesIn(join(path, name));
  }
}

function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesIn(join(root, source))) hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** So that the server has nothing to compress: fonts and pictures are compressed already. */
function compressFiles(folder: string): void {
  for (const file of filesIn(folder)) {
    if (!/\.(js|css|svg)$/.test(file)) continue;
    const content = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
  }
}

/** Another process may build at the same time: each builds beside, and the last one's files stay. */
async function build(digest: string): Promise<void> {
  const { build: bundle } = await import('vite').catch(() => ({ build: undefined }));
  if (!bundle) {
    process.stderr.write(
      'The console can not be built without the development packages (npm ci); the server runs without it.\n',
    );
    return;
  }
  const beside = mkdtempSync(join(root, 'packages/server/.console-'));
  try {
    process.stdout.write('Building the console, once …\n');
    process.env.PORTRAIT_CONSOLE_OUT = beside;
    await bundle({ configFile: join(root, 'packages/console/vite.config.ts'), logLevel: 'warn' });
    for (const font of FONTS)
      copyFileSync(join(root, 'node_modules', font, 'LICENSE'), join(beside, licenceName(font)));
    compressFiles(beside);
    writeFileSync(join(beside, 'sources.sha256'), digest);
    rmSync(target, { recursive: true, force: true });
    renameSync(beside, target);
  } catch (error) {
    if (!(existsSync(stamp) && readFileSync(stamp, 'utf8') === digest)) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Build if it is needed. */
export async function buildConsole(): Promise<void> {
  const digest = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  await build(digest);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole();
