// A lint rule: whatever can emit 'error' has a listener for it, because Node ends the process at an 'error' that nobody
// hears. `once` does not count: the second error would end it.

/** Functions that make a child, a server, a socket or a stream. */
const MAKERS = new Set(
  'spawn fork createServer connect createConnection createReadStream createWriteStream'.split(' '),
)
/** Of these modules also `get` and `request`. */
const HTTP = new Set(['http', 'https'])
const CLASSES = new Set(['Worker', 'WebSocket', 'WebSocketServer', 'Socket', 'Server'])
/** Events whose listeners are handed a socket, and its place among their arguments. */
const SOCKETS = new Map(Object.entries({ upgrade: 1, connect: 1, connection: 0, secureConnection: 0 }))
/** What takes care of errors by itself: the promise it returns rejects. */
const CARING = new Set(['pipeline', 'finished'])

export const errorListener = {
  meta: {
    type: 'problem',
    docs: { description: "whatever can emit 'error' has a listener for it" },
    schema: [],
    messages: {
      missing:
        "{{what}} can emit 'error', and Node ends the process at one that nobody hears: give it a listener in this " +
        "function, {{what}}.on('error', …). `once` does not hear the second one.",
      unnamed: "What this makes can emit 'error': give it a name and a listener, .on('error', …).",
    },
  },
  create(context) {
    const source = context.sourceCode
    const text = (node) => source.getText(node).replaceAll(/[!?]/g, '')
    /** By function: what has a listener, and what needs one. */
    const heard = new Map()
    const needed = []

    const functionOf = (node) => {
      let at = node.parent
      while (at && !/Function|Program/.test(at.type)) at = at.parent
      return at
    }
    const hear = (where, what) => heard.set(where, (heard.get(where) ?? new Set()).add(what))
    const need = (node, what, where = functionOf(node)) => needed.push({ node, what, where })

    function made(node) {
      const { parent } = node
      if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier')
        return need(node, parent.id.name)
      if (parent.type === 'AssignmentExpression') return need(node, text(parent.left))
      if (parent.type === 'ForOfStatement' && parent.await) return
      const takesCare = parent.type === 'CallExpression' && CARING.has(nameOf(parent.callee))
      if (!takesCare) context.report({ node, messageId: 'unnamed' })
    }

    return {
      NewExpression(node) {
        if (CLASSES.has(nameOf(node.callee))) made(node)
      },
      CallExpression(node) {
        const { callee } = node
        const name = nameOf(callee)
        const isMember = callee.type === 'MemberExpression'
        const ofHttp = name === 'get' || (name === 'request' && isMember && HTTP.has(callee.object.name))
        if (MAKERS.has(name) && !isOwn(node)) return made(node)
        if (ofHttp && (!isMember || HTTP.has(callee.object.name))) return made(node)
        if (!isMember) return
        if (name === 'pipe') {
          need(node, text(callee.object))
          return need(node, text(node.arguments[0]))
        }
        if (name !== 'on' && name !== 'once') return
        const event = node.arguments[0]?.value
        if (event === 'error' && name === 'on') return hear(functionOf(node), text(callee.object))
        if (event === 'data') return need(node, text(callee.object))
        const listener = node.arguments[1]
        const socket = SOCKETS.has(event) ? listener?.params?.[SOCKETS.get(event)] : undefined
        if (socket) need(socket, socket.name, listener)
      },
      'Program:exit'() {
        for (const { node, what, where } of needed)
          if (!heard.get(where)?.has(what)) context.report({ node, messageId: 'missing', data: { what } })
      },
    }
  },
}

/** Functions of ours by the same name: only net and tls connect to sockets, and a program to spawn has a name. */
function isOwn({ callee, arguments: given }) {
  const name = nameOf(callee)
  if (name === 'connect') return !['net', 'tls'].includes(callee.object?.name)
  return name === 'spawn' && given.length === 0
}

function nameOf(callee) {
  if (callee.type === 'Identifier') return callee.name
  return callee.type === 'MemberExpression' ? callee.property.name : undefined
}
