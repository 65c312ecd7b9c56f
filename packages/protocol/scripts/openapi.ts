/** Writes the descriptions of the interfaces for other platforms to `docs/`, from the schemas that the server parses by. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hmaDescription, v1Description } from '../src/partners/index.ts';

const docs = join(import.meta.dirname, '../../../docs');
for (const [name, description] of [
  ['openapi.json', v1Description()],
  ['openapi-hma.json', hmaDescription()],
] as const) {
  writeFileSync(join(docs, name), `${JSON.stringify(description, null, 2)}\n`);
}
