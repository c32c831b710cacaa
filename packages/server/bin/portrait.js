#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: it tells them what is missing, and starts the program on the others.
const NEEDED_MAJOR = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(
    `portrait needs Node.js ${NEEDED_MAJOR} or newer and this is ${process.version}: ` +
      `"npm install node@${NEEDED_MAJOR}" in your project makes "npx portrait" use a newer one there.\n`,
  );
  process.exitCode = 2;
} else {
  start().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

async function start() {
  const { enableCompileCache, registerHooks } = await import('node:module');
  const { existsSync } = await import('node:fs');
  enableCompileCache();
  const sources = new URL('../src/cli.ts', import.meta.url);
  const isCheckout = existsSync(sources);
  if (isCheckout) {
    // in a checkout the other packages are read from their sources too
    registerHooks({
      resolve: (specifier, context, nextResolve) =>
        nextResolve(specifier, Object.assign({}, context, { conditions: context.conditions.concat('source') })),
    });
  }
  const { main } = await import(isCheckout ? sources.href : new URL('../dist/cli.js', import.meta.url).href);
  process.exitCode = await main(process.argv.slice(2));
}
