/** What a bundler makes of the library's sources. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** A bundle for the web. */
export interface Bundle {
  readonly code: string;
  readonly gzippedBytes: number;
  /** Modules that are not inside. */
  readonly imports: readonly string[];
}

/** Bundle and minify one entry, or the lines of a module that imports from it. */
export async function bundle(entry: string, lines?: string): Promise<Bundle> {
  const resolveDir = fileURLToPath(new URL('../src/', import.meta.url));
  const result = await build({
    ...(lines === undefined
      ? { entryPoints: [`${resolveDir}${entry}`] }
      : { stdin: { contents: lines, resolveDir, loader: 'ts' as const } }),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['source'],
    external: ['node:*'],
  });
  const [file] = result.outputFiles;
  const code = file?.text ?? '';
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { code, gzippedBytes: gzipSync(code, { level: 9 }).length, imports };
}
