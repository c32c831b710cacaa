import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable, printable, quoteForShell, shortestPath } from '../../src/commands/output.ts';

test('columns of a table stand below each other, also where characters are wide', () => {
  const rows = [
    ['NAME', 'ID'],
    ['爱丽丝', '1'],
    ['e\u0301', '2'],
    ['', ''],
  ];
  assert.equal(formatTable(rows), 'NAME    ID\n爱丽丝  1\ne\u0301       2\n');
  assert.equal(formatTable([]), '');
});

test('what users store can not steer a terminal', () => {
  assert.equal(printable('a\u001b[2Jb\r\n\u202ec'), 'a\\u001b[2Jb\\u000d\\u000a\\u202ec');
});

test('words are quoted for a shell only where it is needed', () => {
  assert.equal(quoteForShell('http://127.0.0.1:8090/a'), 'http://127.0.0.1:8090/a');
  assert.equal(quoteForShell("it's $HOME"), `'it'\\''s $HOME'`);
  assert.equal(quoteForShell(''), "''");
});

test('paths are short where that is clear', () => {
  assert.equal(shortestPath('/a/b/c', '/a/b'), 'c');
  assert.equal(shortestPath('/a/b', '/a/b'), '.');
  assert.equal(shortestPath('/a/c', '/a/b'), '/a/c');
});
