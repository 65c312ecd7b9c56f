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
}

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

const patienceMs = 30_000;

async function post(tipline: Tipline, path: string, body: string | FormData, type?: string): Promise<string> {
  const response = await fetch(`${tipline.base}${path}`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
    headers: {
      authorization: `Basic ${Buffer.from(tipline.auth).toString('base64')}`,
      ...(type !== undefined && { 'content-type': type }),
    },
    body,
  });
  const answer = await response.text();
  const code = /<responseCode>(\d+)<\/responseCode>/.exec(answer)?.[1];
  if (!response.ok || code !== '0') throw new TiplineError(`${path} ${response.status} ${code ?? 'no code'}`);
  return answer;
}

/** Opens and finishes a report; resolves to its receipt, and to nothing else: without one it is not filed. @throws */
export async function fileReport(tipline: Tipline, xml: string): Promise<string> {
  const opened = await post(tipline, '/submit', xml, 'text/xml; charset=utf-8');
  const reportId = /<reportId>(\d+)<\/reportId>/.exec(opened)?.[1];
  if (reportId === undefined) throw new TiplineError('/submit gave no report id');
  const form = new FormData();
  form.set('id', reportId);
  const finished = await post(tipline, '/finish', form);
  if (/<reportId>(\d+)<\/reportId>/.exec(finished)?.[1] !== reportId) {
    throw new TiplineError('/finish gave no receipt for this report');
  }
  return reportId;
}
