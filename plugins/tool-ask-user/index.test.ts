import { textOf } from 'hookline'
import { runTurn, scriptedModel, testKernel } from 'hookline/testing'
import { describe, expect, it } from 'vitest'
import { parseQuestions } from './arguments.ts'
import { toolAskUser } from './index.ts'

const option = (label: string) => ({ label, description: label })
const question = { id: 'q', header: 'H', question: 'Q?', options: [option('a'), option('b')] }

describe('request_user_input', () => {
  it('is offered, and says that nobody can be asked', async () => {
    const args = { questions: [question] }
    const model = scriptedModel([[{ call: 'request_user_input', args }]])
    await using test = await testKernel([model.plugin, toolAskUser], { source: 'exec' })
    await runTurn(test, 'go')
    expect(model.requests[0]?.tools.map((tool) => tool.name)).toEqual(['request_user_input'])
    const answer = model.requests[1]?.items.findLast((item) => item.type === 'tool_output')
    expect(textOf(answer?.output ?? '')).toBe(
      'request_user_input is unavailable in exec: nobody can be asked',
    )
  })
})

describe('parseQuestions', () => {
  it('takes one to three questions, and what it has returned', () => {
    const parsed = parseQuestions({ questions: [{ ...question, extra: 1 }] })
    expect(parsed).toEqual({ questions: [question] })
    expect(parseQuestions(parsed)).toEqual(parsed)
  })

  it.each([
    [undefined, 'expected an object'],
    [{}, 'missing field `questions`'],
    [{ questions: [] }, 'invalid length of `questions`: 0, expected 1 to 3'],
    [{ questions: [question, question, question, question] }, 'invalid length of `questions`: 4'],
    [{ questions: [{ ...question, header: 1 }] }, 'invalid type for `header`'],
    [{ questions: [{ ...question, options: [option('a')] }] }, 'invalid length of `options`: 1'],
    [{ questions: [{ ...question, options: [option('a'), {}] }] }, 'missing field `label`'],
  ])('names the fault of %j', (value, message) => {
    expect(() => parseQuestions(value)).toThrow(message)
  })
})
