// Measures the proxy and prints [{section, what, unit, median, low, high, runs}] as JSON.
// `cargo xtask bench proxy` calls it with the release binary, wrk and nginx.
import { intake } from './proxy/intake.mjs';
import { mutes } from './proxy/mutes.mjs';
import { outage } from './proxy/outage.mjs';
import { figures } from './proxy/rig.mjs';

await mutes();
await intake();
await outage();
console.log(JSON.stringify(figures));
