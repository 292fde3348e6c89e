import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** The compiled program, as `./run.sh` starts it. */
export const compiledProgram = join(checkout, 'dist/main.js');
