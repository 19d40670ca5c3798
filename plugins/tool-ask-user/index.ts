import { definePlugin, toolKey, type Tool } from 'hookline'
import { parseQuestions, questionsSchema } from './arguments.ts'

const askUserTool: Tool = {
  name: 'request_user_input',
  description:
    'Asks the user one to three short questions with ready answers, and waits. Only for decisions that are theirs and that neither the code nor the conversation settles. Where nobody can be asked, it says so: decide by your own judgement then and tell what you assumed.',
  input: { kind: 'json', schema: questionsSchema, parse: parseQuestions },
  parallel: false,
  repeatable: false,
  async run(_input, { session }) {
    const output = `request_user_input is unavailable in ${session.source}: nobody can be asked`
    return { output, failed: true }
  },
}

/** Lets the model ask the user: `request_user_input`. No front end answers questions yet, so it says that nobody can be asked. */
export const toolAskUser = definePlugin({
  name: 'tool-ask-user',
  power: 'shape',
  setup({ services }) {
    services.provide(toolKey, 'request_user_input', () => askUserTool)
  },
})
