import type { Place } from 'hookline'

/** What is wrong with hooks that somebody wrote. The codes are contract. */
export type ProblemCode =
  | 'HooksFileInvalid'
  | 'HookHandlerInvalid'
  | 'HookTypeUnsupported'
  | 'HookMatcherInvalid'
  | 'HookEventUnknown'
  | 'HookTimeoutSuspicious'
  | 'HookUrlNotAllowed'
  | 'ProjectNotTrusted'

export interface Problem {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** Where in the file, as RFC 6901 has it; empty: all of it. */
  readonly pointer: string
  readonly message: string
  readonly place?: Place
  /** Listed where problems are asked for, but not told at every start. */
  readonly quiet?: boolean
}

/** A file with hooks, as far as problems in it must be told. */
export interface FileView {
  readonly file: string
  locate(path: readonly string[]): Place | undefined
}

export type Path = readonly (string | number)[]

/** Collects the problems of one file. */
export class ProblemList {
  readonly #view: FileView
  readonly #found: Problem[] = []

  constructor(view: FileView) {
    this.#view = view
  }

  get all(): readonly Problem[] {
    return this.#found
  }

  warn(code: ProblemCode, path: Path, message: string): void {
    this.#add({ code, severity: 'warning', message }, path)
  }

  error(code: ProblemCode, path: Path, message: string): void {
    this.#add({ code, severity: 'error', message }, path)
  }

  note(code: ProblemCode, path: Path, message: string): void {
    this.#add({ code, severity: 'warning', message, quiet: true }, path)
  }

  #add(problem: Pick<Problem, 'code' | 'severity' | 'message' | 'quiet'>, path: Path): void {
    const words = path.map(String)
    const place = this.#view.locate(words)
    const pointer = words
      .map((word) => `/${word.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('')
    this.#found.push({ ...problem, file: this.#view.file, pointer, ...(place && { place }) })
  }
}

/** A problem in one line, with the place it stands in. */
export function describeProblem(problem: Problem): string {
  const { file, place, message } = problem
  const where = place ? `${file}:${place.line}:${place.column}` : file
  return `${where}: ${message}`
}
