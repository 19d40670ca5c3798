import { HooklineError } from 'hookline'
import type { AuthProvider, Credentials, ModelEvent, ModelProvider, ModelRequest } from 'hookline'
import type { Endpoint } from './endpoint.ts'
import { failureOfRefusal } from './failure.ts'
import { requestBody, requestHeaders, turnStateHeader } from './request.ts'
import { readResponse } from './stream.ts'
import type { Answer, Transport } from './transport.ts'
import { Watch } from './watch.ts'

/** What a provider needs from its session. */
export interface ProviderParts {
  readonly endpoint: Endpoint
  readonly client: Readonly<Record<string, string>>
  transport(): Promise<Transport>
  auth(): AuthProvider
  /** False for models that are known not to reason. */
  reasons(model: string): boolean
}

const mostRefusalText = 64 * 1024
/** The text of a refusal is not worth a longer wait. */
const refusalMs = 5000

/** A provider that speaks the Responses wire. */
export function responsesProvider(parts: ProviderParts): ModelProvider {
  const { endpoint } = parts
  const told = new Set<string>()
  return {
    name: endpoint.name,
    requestMaxRetries: endpoint.requestMaxRetries,
    streamMaxRetries: endpoint.streamMaxRetries,
    stream: (request, signal) => attempt(parts, request, { signal, told }),
  }
}

interface Call {
  readonly signal: AbortSignal
  /** Notices that were given already. */
  readonly told: Set<string>
}

async function* attempt(
  parts: ProviderParts,
  request: ModelRequest,
  call: Call,
): AsyncGenerator<ModelEvent, void> {
  const { endpoint } = parts
  const watch = new Watch(endpoint, call.signal)
  let answer: Answer | undefined
  let whole = false
  try {
    answer = await open(parts, request, watch)
    const from = answer
    const state = from.header(turnStateHeader)
    if (state !== undefined) request.turnState.set(turnStateHeader, state)
    const notice = rerouted(request.model, from.header('openai-model'))
    if (notice !== undefined && !call.told.has(notice)) {
      call.told.add(notice)
      yield { type: 'notice', message: notice }
    }
    yield* readResponse(() => watch.during('stream', () => from.next()))
    whole = true
  } finally {
    watch.end()
    answer?.end(whole)
  }
}

/** Asks until there is a stream: once, or twice where a refused credential can be changed for another. */
async function open(parts: ProviderParts, request: ModelRequest, watch: Watch): Promise<Answer> {
  const { endpoint, client } = parts
  const auth = parts.auth()
  let credentials = await auth.credentials(endpoint.audience)
  const transport = await parts.transport()
  const body = requestBody(request, { reasons: parts.reasons(request.model) })
  const post = ({ headers }: Credentials) =>
    watch.during('open', () =>
      transport.post({
        url: endpoint.url,
        headers: requestHeaders(request, endpoint, { client, credential: headers }),
        body,
        signal: watch.signal,
      }),
    )
  let answer = await post(credentials)
  if (answer.status === 401 && credentials.refreshable) {
    answer.end(true)
    credentials = await auth.refresh(endpoint.audience)
    answer = await post(credentials)
  }
  if (isStream(answer)) return answer
  throw await refusal(endpoint, answer, watch)
}

function isStream(answer: Answer): boolean {
  return (
    answer.status === 200 &&
    !/^(text\/html|application\/(problem\+)?json)/i.test(answer.header('content-type') ?? '')
  )
}

async function refusal(endpoint: Endpoint, answer: Answer, watch: Watch): Promise<HooklineError> {
  const timer = setTimeout(() => answer.end(false), refusalMs)
  const body = await readStart(answer, watch)
  clearTimeout(timer)
  answer.end(false)
  if (answer.status === 200) return notAStream(endpoint, answer)
  return failureOfRefusal({
    provider: endpoint.name,
    url: endpoint.shownUrl,
    status: answer.status,
    statusText: answer.statusText,
    body,
    header: (name) => answer.header(name),
  })
}

function notAStream(endpoint: Endpoint, answer: Answer): HooklineError {
  const type = answer.header('content-type')
  return new HooklineError(
    'MODEL_REQUEST_FAILED',
    `provider "${endpoint.name}" answers with ${type} instead of a stream (${endpoint.shownUrl})`,
    {
      hint: 'check base_url of the provider: it must lead to a Responses API that streams',
      retry: { phase: 'open', retryable: false },
    },
  )
}

/** The start of a body; of one that breaks off, what there is. */
async function readStart(answer: Answer, watch: Watch): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < mostRefusalText) {
      const part = await watch.during('open', () => answer.next())
      if (part.done) break
      text += decoder.decode(part.value, { stream: true })
    }
  } catch {
    return text
  }
  return text
}

/** A dated or numbered edition of the model that was asked for is that model. */
function rerouted(asked: string, answered: string | undefined): string | undefined {
  if (answered === undefined || !/^[\w./:-]+$/.test(answered)) return undefined
  const [want, got] = [asked.toLowerCase(), answered.toLowerCase()]
  const isEdition =
    got.startsWith(want) && /^-(\d{4}-\d{2}-\d{2}|\d{4,8}|latest)$/.test(got.slice(want.length))
  return got === want || isEdition ? undefined : `model rerouted: ${asked} -> ${answered}`
}
