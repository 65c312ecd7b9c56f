import { DIHEDRAL_PLANES, DIHEDRALS, type Dihedral } from './dihedral.ts';
import { Downsampler } from './downsample.ts';
import { complement, HASH_BYTES, type PdqHash } from './hash.ts';
import { instantiateKernel, type KernelBytes, type KernelExports, simdSupported } from './kernel.ts';
import { checkPicture, type Picture, type PixelFormat } from './picture.ts';
import { PictureRefused } from './refusal.ts';
import { toToolSize } from './tool-size.ts';

/** The eight hashes of a picture turned and mirrored, each with that of its negative, and the common quality. */
export interface DihedralHashes {
  readonly quality: number;
  readonly hashes: Readonly<Record<Dihedral, Uint8Array>>;
  readonly complements: Readonly<Record<Dihedral, Uint8Array>>;
}

/** The least side that PDQ hashes; smaller pictures get quality 0 and no bits. */
const MIN_SIDE = 5;

/** A picture that arrives as strips of rows; see `PdqEngine.stream`. */
export interface PictureStream {
  /** Takes whole rows, top to bottom. @throws PictureRefused `picture.wrong-length` */
  push(rows: Uint8Array | Uint8ClampedArray): void;
  /** The hash as it stands. @throws PictureRefused `picture.truncated` while rows are missing */
  finish(): PdqHash;
  /** The eight. @throws PictureRefused `picture.truncated` while rows are missing */
  finishDihedral(): DihedralHashes;
}

interface Prepared {
  readonly key: string;
  readonly mark: number;
  readonly sampler: Downsampler;
}

/** Computes PDQ with the compiled kernel. One engine works on one picture at a time; it holds no picture after. */
export class PdqEngine {
  /** Whether the build with vector instructions runs. */
  readonly simd: boolean;
  readonly kernel: KernelExports;
  readonly #bytes: KernelBytes;
  readonly #base: number;
  #prepared: Prepared | undefined;

  private constructor(kernel: KernelExports, bytes: KernelBytes, simd: boolean) {
    this.kernel = kernel;
    this.simd = simd;
    this.#bytes = bytes;
    this.#base = kernel.mark();
  }

  /** Loads the build that this engine can run, or the one named. */
  static async load(bytes: KernelBytes, build?: keyof KernelBytes): Promise<PdqEngine> {
    const chosen = build ?? (simdSupported() ? 'simd' : 'scalar');
    return new PdqEngine(await instantiateKernel(bytes, chosen), bytes, chosen === 'simd');
  }

  /** PDQ of the full-resolution picture. @throws PictureRefused on wrong sides or length */
  hash(picture: Picture): PdqHash {
    checkPicture(picture);
    if (tooSmall(picture)) return { hash: new Uint8Array(HASH_BYTES), quality: 0 };
    const sampler = this.#samplerFor(picture, false);
    sampler.push(picture.data);
    return hashPlane(this.kernel, sampler.planes[0] ?? 0, false);
  }

  /** PDQ as the reference's command-line tool gives it; up to 14 bits from `hash`. @throws PictureRefused as `hash` */
  hashAsTool(picture: Picture): PdqHash {
    checkPicture(picture);
    return this.hash(toToolSize(picture));
  }

  /** The eight true dihedral hashes and their complements from one reading of the pixels. */
  dihedral(picture: Picture): DihedralHashes {
    checkPicture(picture);
    if (tooSmall(picture)) return emptyDihedral();
    const sampler = this.#samplerFor(picture, true);
    sampler.push(picture.data);
    return hashPlanes(this.kernel, sampler.planes);
  }

  /**
   * A picture in strips, for those larger than memory. It has a kernel of its own, so that several streams and whole
   * pictures can be in work at once; that kernel's memory holds one strip and a few rows of sums.
   */
  async stream(size: { width: number; height: number; format: PixelFormat }): Promise<PictureStream> {
    const kernel = await instantiateKernel(this.#bytes, this.simd ? 'simd' : 'scalar');
    kernel.mark();
    const sampler = new Downsampler(kernel, size, true);
    const complete = () => {
      if (sampler.missingRows > 0) {
        throw new PictureRefused('picture.truncated', 'Rows of the picture are missing.');
      }
    };
    return {
      push: (rows) => sampler.push(rows),
      finish: () => {
        complete();
        if (tooSmall(size)) return { hash: new Uint8Array(HASH_BYTES), quality: 0 };
        return hashPlane(kernel, sampler.planes[0] ?? 0, false);
      },
      finishDihedral: () => {
        complete();
        return tooSmall(size) ? emptyDihedral() : hashPlanes(kernel, sampler.planes);
      },
    };
  }

  // Tables depend on the size alone; video frames and benchmarks ask for one size many times.
  #samplerFor(picture: Picture, dihedral: boolean): Downsampler {
    const key = `${picture.width}x${picture.height}/${picture.format}/${dihedral}`;
    if (this.#prepared?.key === key) {
      this.#prepared.sampler.restart();
      return this.#prepared.sampler;
    }
    this.#prepared = undefined;
    this.kernel.release(this.#base);
    const sampler = new Downsampler(this.kernel, picture, dihedral);
    this.#prepared = { key, mark: this.kernel.mark(), sampler };
    return sampler;
  }
}

function tooSmall(size: { width: number; height: number }): boolean {
  return size.width < MIN_SIDE || size.height < MIN_SIDE;
}

function emptyDihedral(): DihedralHashes {
  const zero = () => new Uint8Array(HASH_BYTES);
  return { quality: 0, hashes: eight(zero), complements: eight(() => complement(zero())) };
}

function eight<T>(of: (name: Dihedral) => T): Record<Dihedral, T> {
  return Object.fromEntries(DIHEDRALS.map((name) => [name, of(name)])) as Record<Dihedral, T>;
}

function hashPlane(kernel: KernelExports, plane: number, transpose: boolean): PdqHash {
  const mark = kernel.mark();
  const out = kernel.alloc(HASH_BYTES);
  const quality = kernel.hashF64(plane, transpose ? 1 : 0, out);
  const hash = new Uint8Array(kernel.memory.buffer, out, HASH_BYTES).slice();
  kernel.release(mark);
  return { hash, quality };
}

function hashPlanes(kernel: KernelExports, planes: readonly number[]): DihedralHashes {
  let quality = 0;
  const hashes = eight((name) => {
    const { plane, transpose } = DIHEDRAL_PLANES[name];
    const result = hashPlane(kernel, planes[plane] ?? 0, transpose);
    if (name === 'original') quality = result.quality;
    return result.hash;
  });
  return { quality, hashes, complements: eight((name) => complement(hashes[name])) };
}
