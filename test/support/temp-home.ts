import { temporaryHome, type TemporaryHome } from 'hookline/testing'

/** What a temporary home holds beside the connection to the scripted model. */
export interface HomeContent {
  /** Further lines for the top of config.toml, before its first table. */
  readonly settings?: string
  /** Further tables for its end. */
  readonly tables?: string
  /** Further files by their path in the home. */
  readonly files?: Readonly<Record<string, string>>
}

/** Makes a home whose config.toml points at a scripted model server. Disposing removes it. */
export function homeFor(modelUrl: string, content: HomeContent = {}): Promise<TemporaryHome> {
  const config = [
    'model = "gpt-5.5"',
    'model_provider = "mock"',
    content.settings ?? '',
    '[model_providers.mock]',
    'name = "mock"',
    `base_url = "${modelUrl}"`,
    'wire_api = "responses"',
    'request_max_retries = 0',
    'stream_max_retries = 0',
    content.tables ?? '',
    '',
  ]
  return temporaryHome({ 'config.toml': config.join('\n'), ...content.files })
}
