// A program with one unmodified Baileys client in it: links by QR, sends what it is told to.
// It says what it meets as JSON lines, on a descriptor of their own, because a library prints to stdout.
// WhatsApp's key is replaced in the memory of this process alone.
import makeWASocket, { useMultiFileAuthState, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [edge, rootKey, folder, descriptor] = process.argv.slice(2)
const out = Number(descriptor)
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')

const tell = (event, more = {}) => writeSync(out, JSON.stringify({ event, ...more }) + '\n')
const quiet = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => {}]),
)
quiet.child = () => quiet

let socket

async function connect() {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  socket = makeWASocket({
    auth: state,
    waWebSocketUrl: edge,
    logger: quiet,
    markOnlineOnConnect: false,
    shouldSyncHistoryMessage: () => false,
  })
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
    if (qr) tell('Qr', { code: qr })
    if (connection === 'open') tell('Open')
    if (connection === 'close') {
      const code = lastDisconnect?.error?.output?.statusCode
      tell('Closed', { code })
      if (code === 515) connect()
    }
  })
  socket.ev.on('messages.upsert', async ({ messages }) => {
    // What happened to a message of ours before it was told of comes together with it.
    for (const { key, status } of messages) if (key.fromMe) tell('Status', { id: key.id, status })
    for (const { key, message } of messages) {
      if (!key.fromMe) {
        const text = message?.conversation || message?.extendedTextMessage?.text
        tell('Message', { id: key.id, text })
      }
    }
  })
  socket.ev.on('messages.update', (updates) =>
    updates.forEach(({ key, update }) => tell('Status', { id: key.id, status: update.status })),
  )
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { to, text, id } = JSON.parse(line)
  try {
    const sent = await socket.sendMessage(`${to}@s.whatsapp.net`, { text }, { messageId: id })
    tell('Sent', { id: sent.key.id })
  } catch (error) {
    tell('Sent', { error: String(error) })
  }
}).on('close', () => process.exit(0))

connect()
