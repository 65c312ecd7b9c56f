/** What the command line, the benchmarks and the end-to-end tests use of the server. */
export { compose, type Running, type Surroundings } from './compose.ts';
