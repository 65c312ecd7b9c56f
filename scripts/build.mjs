// `npm run build`: what changed since it was last built.
import { build } from './lib/build.mjs';
import { runScript } from './lib/install.mjs';

runScript(async () => {
  const built = await build();
  console.log(built.length === 0 ? 'Nothing to build.' : `Built ${built.join(', ')}.`);
  return 0;
});
