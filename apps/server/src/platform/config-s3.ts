import { isLoopback } from './loopback.ts';

/** Where ciphertexts lie instead of in the data folder; the credentials are read at the start. */
export interface S3Config {
  /** Of the service, or of the bucket where its host begins with the bucket's name. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** A path, or JSON. */
  readonly credentials: string;
}

interface Values {
  readonly ACCORD_S3_ENDPOINT?: string | undefined;
  readonly ACCORD_S3_BUCKET?: string | undefined;
  readonly ACCORD_S3_REGION?: string | undefined;
  readonly ACCORD_S3_CREDENTIALS?: string | undefined;
}

const defaultRegion = 'us-east-1';

/** The store that is meant; undefined without one: the data folder. */
export function s3Of(values: Values): S3Config | undefined {
  const {
    ACCORD_S3_ENDPOINT: endpoint,
    ACCORD_S3_BUCKET: bucket,
    ACCORD_S3_CREDENTIALS: credentials,
  } = values;
  if (endpoint === undefined || bucket === undefined || credentials === undefined) return undefined;
  const { origin } = new URL(endpoint);
  return { endpoint: origin, bucket, region: values.ACCORD_S3_REGION ?? defaultRegion, credentials };
}

/** What is wrong with these settings, as a sentence; undefined when nothing is. */
export function s3Fault(values: Values): string | undefined {
  const { ACCORD_S3_ENDPOINT: endpoint, ...others } = values;
  const wanted = {
    ACCORD_S3_ENDPOINT: endpoint,
    ACCORD_S3_BUCKET: others.ACCORD_S3_BUCKET,
    ACCORD_S3_CREDENTIALS: others.ACCORD_S3_CREDENTIALS,
  };
  const missing = Object.entries(wanted).filter(([, value]) => value === undefined);
  if (missing.length === 3 && others.ACCORD_S3_REGION === undefined) return undefined;
  if (missing.length > 0) {
    return `${missing.map(([name]) => name).join(', ')} missing: an object store needs endpoint, bucket and credentials.`;
  }
  const url = new URL(endpoint ?? '');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    return `ACCORD_S3_ENDPOINT can't be read: it is an origin alone, like ${url.origin}; the bucket has a setting of its own.`;
  }
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    return 'ACCORD_S3_ENDPOINT is not https: whoever listens on the way could store and delete in our name.';
  }
  return undefined;
}

/** For an operator's eyes. A path may be seen, keys may not. */
export const s3SettingsOf = (s3: S3Config | undefined): Record<string, string | undefined> => ({
  ACCORD_S3_ENDPOINT: s3?.endpoint,
  ACCORD_S3_BUCKET: s3?.bucket,
  ACCORD_S3_REGION: s3?.region,
  ACCORD_S3_CREDENTIALS: s3?.credentials.trimStart().startsWith('{') === true ? '…' : s3?.credentials,
});
