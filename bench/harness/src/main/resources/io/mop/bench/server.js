// node server.js PORT LOG: answers as JdkServer does; the log is complete when the process has ended by SIGTERM.
const http = require('http');
const fs = require('fs');
const [port, file] = process.argv.slice(2);
const log = [];
const status = (method, path) =>
  method === 'POST' ? 201 : path.startsWith('/missing/') ? 404 : path.startsWith('/busy/') ? 503 : 200;
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    const code = status(request.method, request.url);
    log.push(`${request.method} ${request.url} ${code}\n`);
    response.writeHead(code, {'Content-Length': 5}).end('done\n');
  });
});
server.keepAliveTimeout = 600000;
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => {
  fs.writeFileSync(file, log.join(''));
  process.exit(0);
});
