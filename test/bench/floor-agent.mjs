// The least an agent in Node can cost: makes the request, runs the commands it is asked for, goes on until there are none.
// usage: node floor-agent.mjs BASE_URL PROMPT [HOOK...]   each HOOK is a shell command run before and after every call
import { spawn } from 'node:child_process'
import { request } from 'node:http'

const [base, prompt, ...hooks] = process.argv.slice(2)
const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] }]
const tool = {
  type: 'function',
  name: 'exec_command',
  parameters: { type: 'object', properties: { cmd: { type: 'string' } } },
}

function ask() {
  return new Promise((resolve, reject) => {
    const post = request(
      `${base}/responses`,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (piece) => (text += piece))
        answer.on('end', () => resolve(text))
      },
    )
    post.on('error', reject)
    post.end(JSON.stringify({ model: 'floor', stream: true, input, tools: [tool] }))
  })
}

function run(command, stdin) {
  return new Promise((resolve) => {
    const child = spawn('/bin/bash', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (piece) => (output += piece))
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    child.on('close', () => resolve(output))
  })
}

for (;;) {
  const events = (await ask())
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)))
  const items = events
    .filter((event) => event.type === 'response.output_item.done')
    .map((event) => event.item)
  input.push(...items)
  const calls = items.filter((item) => item.type === 'function_call')
  if (calls.length === 0) break
  for (const call of calls) {
    for (const hook of hooks) await run(hook, JSON.stringify({ tool_name: 'Bash' }))
    const output = await run(JSON.parse(call.arguments).cmd, '')
    for (const hook of hooks)
      await run(hook, JSON.stringify({ tool_name: 'Bash', tool_response: output }))
    input.push({ type: 'function_call_output', call_id: call.call_id, output })
  }
}
