import { createHash } from 'node:crypto';
import { bytesOf, wayOut, wholeOf } from '../platform/outside.ts';
import { operatorsOrigins } from '../platform/outside-policy.ts';

/** What a report to NCMEC says. Text alone is enough: a report need not have a picture. */
export interface TiplineReport {
  readonly incident: string;
  /** When it came to our knowledge, in ms. */
  readonly at: number;
  readonly words: string;
  /** Names the account or the conversation to us; no name of anybody. */
  readonly espIdentifier: string | null;
  readonly espService: string;
  readonly reporterEmail: string;
  readonly termsUrl: string;
  /** Receipts of earlier reports on the same matter. */
  readonly earlier: readonly string[];
}

/** The service's answer can't be used. The message names the code, never the content. */
class TiplineError extends Error {
  override readonly name = 'TiplineError';
  /** The service's `responseCode`, or null where it gave none that could be read. */
  readonly answer: string | null;

  constructor(message: string, answer: string | null = null) {
    super(message);
    this.answer = answer;
  }
}

/** `responseCode`s that say where a report stands. */
const absent = '5001';
const finishedAlready = '5102';

/** The report is not there any more: an unfinished one goes an hour after its last change. */
export const isGone = (error: unknown): boolean => error instanceof TiplineError && error.answer === absent;

const most = 3000;

/** XML 1.0 text: markup escaped, characters that XML has no way to write left out. */
function text(value: string, limit = most): string {
  const plain = [...value]
    .filter((char) => {
      const code = char.codePointAt(0) ?? 0;
      return code >= 0x20 || code === 0x9 || code === 0xa || code === 0xd;
    })
    .slice(0, limit)
    .join('');
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

type Node = readonly [name: string, content: string | readonly (Node | null)[]];

const write = ([name, content]: Node): string =>
  `<${name}>${typeof content === 'string' ? text(content) : content.map((node) => (node === null ? '' : write(node))).join('')}</${name}>`;

/**
 * The report's XML. The service takes its elements in this order and no other (`responseCode` 4100): incident summary,
 * internet details, reporter, person reported.
 */
export function tiplineXml(report: TiplineReport): string {
  const when = new Date(report.at).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const body = write([
    'report',
    [
      [
        'incidentSummary',
        [
          ['incidentType', report.incident],
          ['incidentDateTime', when],
          ['incidentDateTimeDescription', 'When it came to our knowledge.'],
        ],
      ],
      [
        'internetDetails',
        [
          [
            'chatImIncident',
            [
              ['chatClient', report.espService],
              ['content', report.words],
            ],
          ],
        ],
      ],
      [
        'reporter',
        [
          ['reportingPerson', [['email', report.reporterEmail]]],
          ['companyTemplate', report.espService],
          ['legalURL', report.termsUrl],
        ],
      ],
      [
        'personOrUserReported',
        [
          report.espIdentifier === null ? null : ['espIdentifier', report.espIdentifier],
          ['espService', report.espService],
          ...report.earlier.map((receipt): Node => ['priorCTReports', receipt]),
        ],
      ],
    ],
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`;
}

/** Where reports go. Everything is the test base's until an operator names another. */
export interface Tipline {
  readonly base: string;
  /** `user:password`. */
  readonly auth: string;
}

const bounds = { mostBytes: 64 * 1024, wholeMs: 30_000 };

async function post(tipline: Tipline, path: string, body: string | FormData, type?: string): Promise<string> {
  const { bytes, headers } = await bytesOf(body);
  const answered = await wayOut(operatorsOrigins([tipline.base]))(`${tipline.base}${path}`, {
    ...bounds,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(tipline.auth).toString('base64')}`,
      ...headers,
      ...(type !== undefined && { 'content-type': type }),
    },
    body: bytes,
  });
  const answer = (await wholeOf(answered)).toString('utf8');
  const { status } = answered;
  const code = /<responseCode>(\d+)<\/responseCode>/.exec(answer)?.[1];
  if (status < 200 || status >= 300 || code !== '0') {
    throw new TiplineError(`${path} ${status} ${code ?? 'no code'}`, code ?? null);
  }
  return answer;
}

const xmlType = 'text/xml; charset=utf-8';

/** The text of one element of an answer. @throws where there is none */
function field(path: string, name: string, answer: string): string {
  const found = new RegExp(`<${name}>([\\w-]+)</${name}>`).exec(answer)?.[1];
  if (found === undefined) throw new TiplineError(`${path} gave no ${name}`);
  return found;
}

function formOf(reportId: string): FormData {
  const form = new FormData();
  form.set('id', reportId);
  return form;
}

/** Opens a report; resolves to its id, which is no receipt before it is finished. @throws */
export const openTip = async (tipline: Tipline, xml: string): Promise<string> =>
  field('/submit', 'reportId', await post(tipline, '/submit', xml, xmlType));

/** Resolves to what the service calls the file, once it has said that it holds these very bytes. @throws */
export async function uploadFile(
  tipline: Tipline,
  reportId: string,
  { name, type, bytes }: { readonly name: string; readonly type: string; readonly bytes: Uint8Array },
): Promise<string> {
  const form = formOf(reportId);
  form.set('file', new Blob([new Uint8Array(bytes)], { type }), name);
  const answer = await post(tipline, '/upload', form);
  // MD5 is what the service answers with; it shows that nothing was lost on the way, and is asked for no more.
  const md5 = createHash('md5').update(bytes).digest('hex');
  if (field('/upload', 'hash', answer).toLowerCase() !== md5)
    throw new TiplineError('/upload took other bytes');
  return field('/upload', 'fileId', answer);
}

/** What is said of a file. `viewed`: a person of ours looked at it, not a machine. */
export async function describeFile(
  tipline: Tipline,
  file: { readonly reportId: string; readonly fileId: string; readonly viewed: boolean },
): Promise<void> {
  const body = write([
    'fileDetails',
    [
      ['reportId', file.reportId],
      ['fileId', file.fileId],
      ['fileViewedByEsp', String(file.viewed)],
      ['publiclyAvailable', 'false'],
      ['fileRelevance', 'Reported'],
    ],
  ]);
  await post(tipline, '/fileinfo', `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, xmlType);
}

/** Resolves to the receipt, also of a report whose finishing was answered and the answer lost. @throws */
export async function finishTip(tipline: Tipline, reportId: string): Promise<string> {
  try {
    const receipt = field('/finish', 'reportId', await post(tipline, '/finish', formOf(reportId)));
    if (receipt !== reportId) throw new TiplineError('/finish gave no receipt for this report');
  } catch (error) {
    if (!(error instanceof TiplineError && error.answer === finishedAlready)) throw error;
  }
  return reportId;
}

/** Takes an unfinished report back. False: it is finished, and stays. @throws */
export async function retractTip(tipline: Tipline, reportId: string): Promise<boolean> {
  try {
    await post(tipline, '/retract', formOf(reportId));
  } catch (error) {
    if (error instanceof TiplineError && error.answer === finishedAlready) return false;
    if (!isGone(error)) throw error;
  }
  return true;
}
