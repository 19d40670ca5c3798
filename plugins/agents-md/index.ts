import { definePlugin, type InstructionPart, type Log } from 'hookline'
import { findHomeDocument, findProjectDocuments } from './find.ts'
import { readDocuments } from './read.ts'
import { agentsMdSettings } from './settings.ts'

const separator = '\n\n--- project-doc ---\n\n'

interface Loaded {
  readonly version: string
  readonly text: string
  readonly files: readonly string[]
}

/** Tells the model what AGENTS.md files say: the user's own, then those of the project from its root down. */
export const agentsMd = definePlugin({
  name: 'agents-md',
  power: 'shape',
  settings: agentsMdSettings,
  setup({ hooks, settings, session }) {
    const maxBytes = settings.project_doc_max_bytes
    const rules = {
      fallbackNames: settings.project_doc_fallback_filenames,
      rootMarkers: settings.project_root_markers,
    }
    let last: Loaded | undefined

    const load = async (cwd: string, log: Log): Promise<Loaded> => {
      const [home, project] = await Promise.all([
        findHomeDocument(session.home),
        maxBytes === 0 ? [] : findProjectDocuments(cwd, rules),
      ])
      const own = home ? [home] : []
      const version = [cwd, ...[...own, ...project].map((document) => document.version)].join('\n')
      if (last?.version === version) return last
      const [ofHome, ofProject] = await Promise.all([
        readDocuments(own, home?.size ?? 0),
        readDocuments(project, maxBytes),
      ])
      for (const warning of [...ofHome.warnings, ...ofProject.warnings]) log.warn(warning)
      const texts = [ofHome.texts.join(''), ofProject.texts.join('\n\n')]
      const body = texts.filter((text) => text !== '').join(separator)
      const text = `# AGENTS.md instructions for ${cwd}\n\n<INSTRUCTIONS>\n${body}\n</INSTRUCTIONS>`
      const files = [...ofHome.files, ...ofProject.files]
      last = { version, text: body === '' ? '' : text, files }
      return last
    }

    hooks.instructions.tap('documents', async (parts, call) => {
      const { text, files } = await load(call.turn?.cwd ?? session.cwd, call.log)
      if (text === '') return undefined
      const part: InstructionPart = { kind: 'agents_md', role: 'user', text, files }
      return [...parts, part]
    })
  },
})
