import type { KernelBytes } from './kernel.ts';

/** Both builds of the kernel, written by `npm run build -w @accord/perceptual`. */
export const kernelBytes: KernelBytes;
