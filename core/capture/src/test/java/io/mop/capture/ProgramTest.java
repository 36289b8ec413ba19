package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTest {
  @TempDir Path proc;

  private void process(int pid, int parent, String exe, String command) throws IOException {
    Path p = Files.createDirectories(proc.resolve("" + pid));
    Files.writeString(p.resolve("stat"), pid + " (x) y) S " + parent + " 0".repeat(17) + " 7\n");
    Files.writeString(p.resolve("cmdline"), command.replace('|', '\0') + '\0');
    Files.createSymbolicLink(p.resolve("exe"), Path.of(exe));
  }

  private String name(int pid) {
    return new Program(new ProcFs(proc), new ProcDetails(proc)).name(pid).orElse("none");
  }

  @ParameterizedTest(name = "{1} is {2}")
  @CsvSource(
      delimiter = ';',
      value = {
        "java; java|-jar|/srv/app-1.2.3.jar; app",
        "java; java|-Xmx1g|-jar|app-2-SNAPSHOT.jar|--port|1; app",
        "java; java|-jar|web-1.0.0.RELEASE.war; web",
        "java; java|-jar|area-51.jar; area-51",
        "java; java|-jar|app-1.2.3_b4.jar; app",
        "java; java|-cp|a.jar:b.jar|-Dx=y|com.example.Main|arg; com.example.Main",
        "java; java|-cp||com.example.Main; com.example.Main",
        "java; java|--add-opens|java.base/java.lang=ALL-UNNAMED|@opts|com.example.Main; com.example.Main",
        "java; java|-p|mods|-m|shop/com.example.Main; com.example.Main",
        "java; java|-p|mods|--module=shop/com.example.Main|x; com.example.Main",
        "java; java|@everything; none",
        "java; java|-jar; none",
        "node; node|/srv/server.js; server",
        "node; node|--inspect|-r|./tracing.js|lib/main.mjs|x; main",
        "node; node|--max-old-space-size=100|index.ts; index",
        "node; node|-e|require('x'); none",
        "node; node; none",
        "node; npm start; none",
        "python3.11; python3|-m|pkg.mod; pkg.mod",
        "python3.11; python3|-um|pkg.mod|x; pkg.mod",
        "python3.11; python3|-W|ignore|-mpkg.mod; pkg.mod",
        "python3; python3|-X|dev|-u|/srv/app.py; app",
        "python3; python3|/srv/shop/manage.py|runserver; shop",
        "python3; python3|/srv/tool/__main__.py; tool",
        "python3; python3|-c|import app; none",
        "python3; python3|-W; none",
        "python3; python3|-m; none",
        "python3; python3|-|-m|x; none",
        "python3; python3|-c|import app|x.py; none",
        "python3; python3|-|x.py; none",
        "python3; /usr/bin/python3|/usr/bin/gunicorn|-w|2|-b|127.0.0.1:80|pkg.wsgi:app; pkg",
        "python3; python3|-m|uvicorn|app.main:create(1)|--factory|--reload; app",
        "python3; python3|/usr/bin/uvicorn|main:app; main",
        "python3; python3|/usr/bin/gunicorn|pkg.sub; pkg.sub",
        "python3; python3|/usr/bin/gunicorn|-c|conf.py; gunicorn",
        "python3; python3|/usr/bin/gunicorn|--workers|two; gunicorn",
        "python3; python3|/usr/bin/celery|-A|shop.celery|worker; shop",
        "python3; python3|/usr/bin/celery|--app=shop|worker; shop",
        "python3; python3|-m|celery|worker; celery",
        "python3; gunicorn: master [pkg.wsgi:app]; pkg",
        "python3; gunicorn: worker [shop]; shop",
        "ruby3.1; ruby|-I|lib|-rx|bin/serve.rb; serve",
        "ruby; ruby|-e|puts; none",
        "ruby; puma 5.6.5 (tcp://0.0.0.0:3000) [shop]; shop",
        "ruby; puma: cluster worker 0: 17 [shop]; shop",
        "perl; perl|-w|-Ilib|serve.pl; serve",
        "perl; perl|-we|print; none",
        "perl; perl|-Mstrict|serve.pl; serve",
        "php8.2; php|-d|x=y|artisan.php|serve; artisan",
        "php; php|-r|echo; none",
        "php-fpm8.2; php-fpm: pool shop; shop",
        "php-fpm8.2; php-fpm: master process (/etc/php/fpm.conf); none",
        "dotnet; dotnet|/srv/Shop.Api.dll; Shop.Api",
        "nginx; nginx: worker process; none",
        "postgres; postgres: 15/main: checkpointer; none",
      })
  void name(String exe, String command, String name) throws IOException {
    process(7, 1, "/usr/bin/" + exe, command);
    assertThat(name(7)).isEqualTo(name);
  }

  @Test
  void aWorkerThatHidesWhatItRunsIsItsMastersOfTheSameProgram() throws IOException {
    process(7, 1, "/usr/bin/python3", "python3|app.py");
    process(8, 7, "/usr/bin/python3", "python3|-c|from multiprocessing.spawn import spawn_main");
    process(9, 8, "/usr/bin/python3", "a title of its own");
    process(10, 7, "/usr/bin/python2", "python2|-c|x");
    assertThat(name(8)).isEqualTo("app");
    assertThat(name(9)).isEqualTo("app");
    assertThat(name(10)).isEqualTo("none");
    assertThat(name(11)).isEqualTo("none");
  }

  @Test
  void aPackageNamesItsScripts() throws IOException {
    process(7, 1, "/usr/bin/node", "node|src/server.js");
    Path root = proc.resolve("7/root/srv/shop");
    Files.createDirectories(root.resolve("src"));
    Files.createSymbolicLink(proc.resolve("7/cwd"), Path.of("/srv/shop"));
    assertThat(name(7)).isEqualTo("server");
    Files.writeString(root.resolve("package.json"), "{\"author\":{\"name\":\"x\"},\"name\" : \"@acme/shop\"}");
    assertThat(name(7)).isEqualTo("@acme/shop");
    Files.writeString(root.resolve("src/package.json"), "{\"type\":\"module\"}");
    assertThat(name(7)).as("the nearest one has no name").isEqualTo("server");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"a\"}; a",
        "{\"x\":\"name\",\"y\":[\"name\",\"b\"],\"name\":\"a\"}; a",
        "{\"files\":[\"name\"],\"z\":{\"name\":\"b\"},\"name\":\"a\"}; a",
        "{\"s\":\"\\\"name\\\":\",\"name\":\"a\"}; a",
        "{\"name\":{\"name\":\"b\"}}; none",
        "{\"name\":7,\"b\":\"c\"}; none",
        "[\"name\",\"b\"]; none",
        "{\"name\":\"; none",
        "{\"name; none",
      })
  void theNameOfAPackage(String json, String name) {
    assertThat(PackageJson.name(json).orElse("none")).isEqualTo(name);
  }
}
