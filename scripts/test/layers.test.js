import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLayerErrors } from '../lib/layers.js'

const refused = [
  ['src/base/utf8.cpp', '"loop/loop.h"', /base does not include loop/],
  ['src/http/router.cpp', '"websocket/connection.h"', /http does not include websocket/],
  ['src/websocket/connection.cpp', '"engine/session.h"', /websocket does not include engine/],
  ['src/socketio/client.cpp', '"engine/session.h"', /of engine, socketio sees only .*link/],
  ['src/socketio/client.cpp', '"http/request.h"', /socketio does not include http/],
  ['src/socketio/client.cpp', '"adapters/redis.h"', /socketio does not include adapters/],
  ['src/adapters/redis.cpp', '"socketio/client.h"', /of socketio, adapters sees only/],
  ['src/websocket/frame_reader.cpp', '"loop/stream.h"', /only base and websocket/],
  ['src/websocket/handshake.h', '"http/request.h"', /only base and websocket/],
  ['src/engine/packet.cpp', '"websocket/frame.h"', /only base and engine/],
  ['src/http/request_parser.h', '"loop/stream.h"', /only base and http/],
  ['src/engine/session.cpp', '"banter/server.h"', /only src\/server includes the facade/],
  ['src/engine/session.cpp', '<banter/options.h>', /only src\/server includes the facade/],
  ['src/loop/loop.cpp', '"timer_wheel.h"', /written as "layer\/file.h"/],
  ['src/extras/a.cpp', '<vector>', /not a layer/],
  ['include/banter/bytes.h', '"base/utf8.h"', /names no header of src/],
  ['include/banter/server.h', '<uv.h>', /nothing but the standard library/],
  ['include/banter/server.h', '<openssl/ssl.h>', /nothing but the standard library/],
  ['include/banter/bytes.h', '"banter/server.h"', /a value does not include the facade/],
  ['include/banter/emit.h', '"banter/socket.h"', /a value does not include the facade/],
  ['examples/chat/main.cpp', '"loop/loop.h"', /only the public headers/],
  ['tests/servers/fixture_server.cpp', '"server/worker.h"', /only the public headers/]
]

const allowed = [
  ['src/base/utf8.cpp', '"base/utf8.h"'],
  ['src/base/utf8.cpp', '"banter/bytes.h"'],
  ['src/loop/loop.cpp', '<uv.h>'],
  ['src/websocket/handshake.cpp', '"base/sha1.h"'],
  ['src/socketio/client.cpp', '"engine/link.h"'],
  ['src/socketio/client.cpp', '"engine/handshake_record.h"'],
  ['src/socketio/client.cpp', '"banter/invocation.h"'],
  ['src/adapters/redis.cpp', '"socketio/adapter.h"'],
  ['src/server/server.cpp', '"banter/server.h"'],
  ['src/server/server.cpp', '"engine/session.h"'],
  ['src/server/handshake.cpp', '"http/query.h"'],
  ['include/banter/server.h', '"banter/socket.h"'],
  ['include/banter/socket.h', '"banter/emit.h"'],
  ['tests/loop/stream_test.cpp', '"loop/stream.h"'],
  ['examples/chat/main.cpp', '<banter/banter.h>']
]

for (const [path, include, why] of refused) {
  test(`${path} may not include ${include}`, () => {
    const errors = findLayerErrors(path, `#pragma once\n\n#include ${include}\n`)
    assert.equal(errors.length, 1)
    assert.equal(errors[0].line, 3)
    assert.match(errors[0].why, why)
  })
}

for (const [path, include] of allowed) {
  test(`${path} may include ${include}`, () => {
    assert.deepEqual(findLayerErrors(path, `#include ${include}\n`), [])
  })
}

test('an include is found however it is spaced, and not in a comment', () => {
  assert.equal(findLayerErrors('src/base/a.cpp', '  #  include  "loop/loop.h"').length, 1)
  assert.deepEqual(findLayerErrors('src/base/a.cpp', '// #include "loop/loop.h"'), [])
})
