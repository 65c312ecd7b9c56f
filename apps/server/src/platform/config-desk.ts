/** Where NCMEC takes reports that are none. */
export const testTipline = 'https://exttest.cybertip.org/ispws';

/** Where it takes reports that count. Whatever is elsewhere, this machine included, files nothing. */
const realTipline = 'https://report.cybertip.org/ispws';

/** What the desk needs of the outside. What is undefined is not there, and nothing is sent. */
export interface DeskConfig {
  readonly smtp: string | undefined;
  readonly from: string | undefined;
  readonly clocks: readonly 'in-3-2-b'[];
  readonly tipline: { readonly base: string; readonly auth: string; readonly test: boolean } | undefined;
  readonly dsa: { readonly base: string; readonly token: string } | undefined;
  readonly tsa:
    | { readonly url: string; readonly certificateFile: string; readonly policy: string | undefined }
    | undefined;
}

interface Values {
  readonly ACCORD_DESK_SMTP?: string | undefined;
  readonly ACCORD_DESK_FROM?: string | undefined;
  readonly ACCORD_DESK_CLOCKS: readonly 'in-3-2-b'[];
  readonly ACCORD_CYBERTIP_AUTH?: string | undefined;
  readonly ACCORD_CYBERTIP_URL: string;
  readonly ACCORD_DSA_URL: string;
  readonly ACCORD_DSA_TOKEN?: string | undefined;
  readonly ACCORD_TSA_URL?: string | undefined;
  readonly ACCORD_TSA_CERTIFICATE?: string | undefined;
  readonly ACCORD_TSA_POLICY?: string | undefined;
}

export function deskOf(values: Values): DeskConfig {
  const { ACCORD_CYBERTIP_AUTH: auth, ACCORD_CYBERTIP_URL: base, ACCORD_DSA_TOKEN: token } = values;
  const { ACCORD_TSA_URL: url, ACCORD_TSA_CERTIFICATE: certificateFile, ACCORD_TSA_POLICY: policy } = values;
  const tiplineBase = base.replace(/\/+$/, '');
  return {
    smtp: values.ACCORD_DESK_SMTP,
    from: values.ACCORD_DESK_FROM,
    clocks: values.ACCORD_DESK_CLOCKS,
    tipline: auth === undefined ? undefined : { base: tiplineBase, auth, test: tiplineBase !== realTipline },
    dsa: token === undefined ? undefined : { base: values.ACCORD_DSA_URL, token },
    tsa: url === undefined || certificateFile === undefined ? undefined : { url, certificateFile, policy },
  };
}

/** An authority without a certificate to check it by would stamp nothing that proves anything. */
export const stampsByHalves = ({
  ACCORD_TSA_URL: url,
  ACCORD_TSA_CERTIFICATE: certificate,
  ACCORD_TSA_POLICY: policy,
}: Values): boolean =>
  (url === undefined) !== (certificate === undefined) || (url === undefined && policy !== undefined);

const withoutPassword = (url: string | undefined): string | undefined =>
  url?.replace(/^(\w+:\/\/[^:@/]*):[^@]*@/, '$1:…@');

/** Those of the desk: what is not given is not sent to. */
export const deskSettingsOf = ({
  smtp,
  from,
  clocks,
  tipline,
  dsa,
  tsa,
}: DeskConfig): Record<string, string | undefined> => ({
  ACCORD_DESK_SMTP: withoutPassword(smtp),
  ACCORD_DESK_FROM: from,
  ACCORD_DESK_CLOCKS: clocks.join(',') || undefined,
  ACCORD_CYBERTIP_AUTH: tipline && '…',
  ACCORD_CYBERTIP_URL: tipline?.base,
  ACCORD_DSA_URL: dsa?.base,
  ACCORD_DSA_TOKEN: dsa && '…',
  ACCORD_TSA_URL: tsa?.url,
  ACCORD_TSA_CERTIFICATE: tsa?.certificateFile,
  ACCORD_TSA_POLICY: tsa?.policy,
});
