/**
 * Prints one module made of a module and all that it imports.
 *
 *   node tools/site/bundle.js web/vendor/parquet.js
 */
import { createRequire } from 'node:module'

const { build } = createRequire(new URL('../../web/package.json', import.meta.url))('esbuild')
const { outputFiles } = await build({ entryPoints: [process.argv[2]], bundle: true, format: 'esm', target: 'es2022', minify: true, legalComments: 'none', write: false, logLevel: 'error' })
process.stdout.write(outputFiles[0].text)
