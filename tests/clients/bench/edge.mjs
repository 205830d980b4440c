// Measures the proxy's edge and prints [{section, what, unit, median, low, high, runs}] as JSON.
// `cargo xtask bench edge` calls it with the release binary, wrk and valgrind.
import { gate } from './edge/gate.mjs';
import { counted } from './edge/instructions.mjs';
import { signIn } from './edge/sign-in.mjs';
import { slow } from './edge/slow.mjs';
import { streams } from './edge/streams.mjs';
import { figures } from './proxy/rig.mjs';

await gate();
await counted();
await signIn();
await streams();
await slow();
console.log(JSON.stringify(figures));
