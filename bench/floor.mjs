// The least that an agent on Node can cost: one request, its events read, the text printed.
import { request } from 'node:http'

const [url, prompt] = process.argv.slice(2)
const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] }]
const outgoing = request(`${url}/responses`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
})
outgoing.end(JSON.stringify({ model: 'gpt-5.5', stream: true, store: false, input }))
outgoing.once('response', async (answer) => {
  let rest = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((entry) => entry.startsWith('data: '))) {
      const event = JSON.parse(line.slice('data: '.length))
      if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
    }
  }
  process.stdout.write('\n')
})
