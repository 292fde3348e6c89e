/** One invalid field of a request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** An error answer; `application/problem+json` on the wire (apis.md 1.4). */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

const known: Readonly<Record<number, readonly [title: string, detail: string]>> = {
  400: ['Bad Request', 'Your request could not be processed.'],
  401: [
    'API Key Invalid',
    "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
  ],
  403: ['Forbidden', 'You are not permitted to access this resource.'],
  404: ['Resource Not Found', 'The requested resource could not be found.'],
  405: ['Method Not Allowed', 'The requested method and resource are not compatible.'],
  422: ['Requested Fields Invalid', 'The fields requested from this resource are invalid.'],
  429: ['Too Many Requests', 'You have exceeded the limit of 10 simultaneous connections.'],
  500: ['Internal Server Error', 'An unexpected internal error has occurred.'],
  501: ['Not Implemented', 'The simulator does not do this.'],
  502: ['Bad Gateway', 'The server got no usable answer from the one behind it.'],
  503: ['Service Unavailable', 'The service is not available for now.'],
  504: ['Gateway Timeout', 'The server behind this one did not answer in time.'],
};

/** The problem Mailchimp answers with a status, in its words where they are known (its error glossary). */
export function problem(status: number, detail?: string): Problem {
  const [title, usual] = known[status] ?? ['Error', 'The request failed.'];
  return { status, title, detail: detail ?? usual };
}

/** 400 for parameters that do not validate. */
export function invalid(errors: readonly FieldError[]): Problem {
  return {
    status: 400,
    title: 'Invalid Resource',
    detail:
      "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
    errors,
  };
}

/** The document itself; `instance` names this one occurrence, `type` is the address where errors are explained. */
export function problemBody(
  { status, title, detail, errors }: Problem,
  instance: string,
  type: string,
): string {
  return JSON.stringify({ type, title, status, detail, instance, ...(errors ? { errors } : {}) });
}
