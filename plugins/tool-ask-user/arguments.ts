/** One question with the answers that are offered. */
export interface UserQuestion {
  readonly id: string
  readonly header: string
  readonly question: string
  readonly options: readonly { readonly label: string; readonly description: string }[]
}

const text = (description: string) => ({ type: 'string', description })

/** JSON Schema of the arguments, as the model is given it. */
export const questionsSchema = {
  type: 'object',
  properties: {
    questions: {
      type: 'array',
      description: 'One to three questions, asked together.',
      minItems: 1,
      maxItems: 3,
      items: {
        type: 'object',
        properties: {
          id: text('Names the answer; snake_case.'),
          header: text('Title of the question, at most 12 characters.'),
          question: text('The question, in one sentence.'),
          options: {
            type: 'array',
            description: 'Two or three answers that exclude each other, the recommended one first.',
            minItems: 2,
            maxItems: 3,
            items: {
              type: 'object',
              properties: {
                label: text('The answer, in one to five words.'),
                description: text('What choosing it means, in one sentence.'),
              },
              required: ['label', 'description'],
              additionalProperties: false,
            },
          },
        },
        required: ['id', 'header', 'question', 'options'],
        additionalProperties: false,
      },
    },
  },
  required: ['questions'],
  additionalProperties: false,
} as const

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`invalid type for \`${name}\`: expected an object`)
  }
  // An object that is no array: its values stay unknown.
  return value as Fields
}

function textField(fields: Fields, name: string): string {
  const value = fields[name]
  if (value === undefined) throw new Error(`missing field \`${name}\``)
  if (typeof value !== 'string') throw new Error(`invalid type for \`${name}\`: expected a string`)
  return value
}

function listField(
  fields: Fields,
  name: string,
  length: readonly [number, number],
): readonly unknown[] {
  const value = fields[name]
  if (value === undefined) throw new Error(`missing field \`${name}\``)
  if (!Array.isArray(value)) throw new Error(`invalid type for \`${name}\`: expected an array`)
  const [least, most] = length
  if (value.length < least || value.length > most) {
    throw new Error(`invalid length of \`${name}\`: ${value.length}, expected ${least} to ${most}`)
  }
  return value
}

function parseQuestion(value: unknown): UserQuestion {
  const fields = fieldsOf(value, 'questions')
  return {
    id: textField(fields, 'id'),
    header: textField(fields, 'header'),
    question: textField(fields, 'question'),
    options: listField(fields, 'options', [2, 3]).map((entry) => {
      const option = fieldsOf(entry, 'options')
      return { label: textField(option, 'label'), description: textField(option, 'description') }
    }),
  }
}

/** Checks decoded arguments; throws an Error that names the fault. What it returns it also takes. */
export function parseQuestions(value: unknown): { readonly questions: readonly UserQuestion[] } {
  const questions = listField(fieldsOf(value, 'arguments'), 'questions', [1, 3])
  return { questions: questions.map(parseQuestion) }
}
