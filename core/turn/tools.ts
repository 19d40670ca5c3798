import type { ToolSpec } from '../points/model.ts'
import type { Tool } from '../points/tool.ts'
import { toolKey } from '../service-keys.ts'
import type { TurnState } from './turn.ts'

/** All tools that can be called now, offered or not. */
export async function toolsOf(turn: TurnState): Promise<readonly Tool[]> {
  const { services, row } = turn.session.kernel
  const tools = services.ids(toolKey).map((id) => services.get(toolKey, id))
  return row.isUsed('toolSet') ? row.refine('toolSet', tools, turn.call) : tools
}

function specOf(tool: Tool): ToolSpec {
  const { name, namespace, namespaceDescription: about, description, input } = tool
  const spec = {
    name,
    description,
    input: input.kind === 'json' ? { kind: input.kind, schema: input.schema } : input,
  }
  if (namespace === undefined) return spec
  return about === undefined
    ? { ...spec, namespace }
    : { ...spec, namespace, namespaceDescription: about }
}

const specLists = new WeakMap<Tool, ToolSpec>()

/** The same object for the same tool, so that a wire can keep its encoded form. */
export function specFor(tool: Tool): ToolSpec {
  const spec = specLists.get(tool) ?? specOf(tool)
  specLists.set(tool, spec)
  return spec
}
