/** Vectors for databases: PostgreSQL with pgvector, itself compiled to WebAssembly, reads them by COPY and finds what likeness search finds. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { bin, dist } from './library-site.js'
import { rank } from './page-vectors.js'

test('a round trip through PostgreSQL with pgvector keeps names and vectors, and the nearest are the same', { timeout: 120_000 }, async () => {
  const model = join(dist, 'models', 'default.safetensors')
  const rows = execFileSync(bin, ['embed', '--model', model, '--format', 'pgvector', join(dist, 'samples')], { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = execFileSync(bin, ['embed', '--model', model, '--format', 'jsonl', join(dist, 'samples')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').map((line) => JSON.parse(line))
  const db = await PGlite.create({ extensions: { vector } })
  await db.exec('CREATE EXTENSION vector; CREATE TABLE pictures (name text PRIMARY KEY, embedding vector(320));')
  await db.query("COPY pictures FROM '/dev/blob'", [], { blob: new Blob([new Uint8Array(rows)]) })
  const { rows: kept } = /** @type {{rows: {name: string, embedding: string}[]}} */ (await db.query('SELECT name, embedding::text FROM pictures'))
  assert.deepEqual(new Set(kept.map(({ name }) => name)), new Set(lines.map(({ name }) => name)))
  const byName = new Map(kept.map(({ name, embedding }) => [name, Float32Array.from(JSON.parse(embedding))]))
  for (const { name, vector } of lines) assert.deepEqual(byName.get(name), Float32Array.from(vector), name)
  for (const { name, vector } of lines.slice(0, 3)) {
    const { rows: near } = /** @type {{rows: {name: string}[]}} */ (await db.query('SELECT name FROM pictures ORDER BY embedding <=> $1 LIMIT 5', [JSON.stringify(vector)]))
    const wanted = rank(Float32Array.from(vector), lines.map((line) => Float32Array.from(line.vector))).slice(0, 5).map(({ index }) => lines[index].name)
    assert.deepEqual(near.map((row) => row.name), wanted, name)
  }
  await db.close()
})

test('Qdrant gets points with ids that stay, vectors and names', () => {
  const model = join(dist, 'models', 'default.safetensors')
  const points = execFileSync(bin, ['embed', '--model', model, '--format', 'qdrant', join(dist, 'samples')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').map((line) => JSON.parse(line))
  assert.equal(new Set(points.map(({ id }) => id)).size, points.length)
  for (const { id, vector, payload } of points) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.equal(vector.length, 320)
    assert.ok(payload.name.includes('samples'))
  }
})
