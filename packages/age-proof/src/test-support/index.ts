export { type CertificateOptions, certificate, signingPair } from './certificates.ts';
export { type Forgery, forgeries } from './forgeries.ts';
export { mutants } from './fuzz.ts';
export {
  type Bend,
  type Cast,
  caCertificate,
  day,
  makeCast,
  now,
  present,
  session,
  signerCertificate,
} from './presentation.ts';
