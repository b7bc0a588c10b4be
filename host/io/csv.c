#include "io/csv.h"

#include <errno.h>  // errno
#include <fcntl.h>  // open
#include <stdio.h>  // fopen
#include <stdlib.h> // malloc
#include <string.h> // memchr, strerror
#include <unistd.h> // close

static int load(lw_csv *c, FILE *f, lw_err *e) {
  size_t room = 0;
  for (;;) {
    if (c->text_n + 1 >= room) {
      room = room ? 2 * room : 65536;
      char *bigger = realloc(c->text, room);
      if (!bigger)
        return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", c->path);
      c->text = bigger;
    }
    size_t n = fread(c->text + c->text_n, 1, room - 1 - c->text_n, f);
    c->text_n += n;
    if (c->text_n > LW_CSV_BYTES_MAX)
      return lw_err_set(e, LW_E_RANGE, "%s: larger than %zu MiB", c->path,
                        LW_CSV_BYTES_MAX >> 20);
    if (n == 0)
      break;
  }
  if (ferror(f))
    return lw_err_set(e, LW_E_IO, "%s: %s", c->path, strerror(errno));
  c->text[c->text_n] = '\0';
  return 0;
}

// The separator that the header line has most of; commas win a draw.
static char guess_separator(const lw_csv *c) {
  const char *candidates = ",;\t|";
  char best = ',';
  size_t most = 0;
  for (const char *s = candidates; *s; s++) {
    size_t n = 0;
    for (size_t i = c->at; i < c->text_n && c->text[i] != '\n'; i++)
      n += c->text[i] == *s;
    if (n > most) {
      most = n;
      best = *s;
    }
  }
  return best;
}

static int is_line_end(const lw_csv *c, size_t at) {
  return at >= c->text_n || c->text[at] == '\n' ||
         (c->text[at] == '\r' &&
          (at + 1 >= c->text_n || c->text[at + 1] == '\n'));
}

// Undo the quotes of a cell that starts at c->at; leaves c->at behind it.
static int read_quoted(lw_csv *c, char **cell, lw_err *e) {
  char *to = c->text + c->at + 1;
  size_t from = c->at + 1;
  *cell = to;
  for (; from < c->text_n; from++) {
    char ch = c->text[from];
    if (ch == '\n')
      c->next_line++;
    if (ch == '"' && c->text[from + 1] != '"') {
      *to = '\0';
      c->at = from + 1;
      return 0;
    }
    from += ch == '"';
    *to++ = ch;
  }
  return lw_err_set(e, LW_E_SYNTAX, "%s:%zu: a quote is never closed", c->path,
                    c->line);
}

static void read_plain(lw_csv *c, char **cell) {
  *cell = c->text + c->at;
  while (!is_line_end(c, c->at) && c->text[c->at] != c->separator)
    c->at++;
}

// Read one cell and what ends it; *is_last tells that its line ended too.
static int read_cell(lw_csv *c, char **cell, int *is_last, lw_err *e) {
  if (c->text[c->at] == '"') {
    int rc = read_quoted(c, cell, e);
    if (rc < 0)
      return rc;
    if (!is_line_end(c, c->at) && c->text[c->at] != c->separator)
      return lw_err_set(e, LW_E_SYNTAX, "%s:%zu: text after a closing quote",
                        c->path, c->line);
  } else {
    read_plain(c, cell);
  }
  *is_last = is_line_end(c, c->at);
  size_t end = c->at;
  if (*is_last) {
    c->at += end < c->text_n && c->text[end] == '\r';
    c->at += c->at < c->text_n;
    c->next_line++;
  } else {
    c->at++;
  }
  c->text[end] = '\0';
  return 0;
}

static int skip_empty_lines(lw_csv *c) {
  while (c->at < c->text_n && is_line_end(c, c->at)) {
    c->at += c->text[c->at] == '\r' ? 2 : 1;
    c->next_line++;
  }
  c->line = c->next_line;
  return c->at < c->text_n;
}

static int check_names(const lw_csv *c, lw_err *e) {
  for (size_t i = 0; i < c->column_n; i++)
    for (size_t k = 0; k < i; k++)
      if (*c->names[i] && !strcmp(c->names[i], c->names[k]))
        return lw_err_set(e, LW_E_SYNTAX,
                          "%s:%zu: two columns are called '%.60s'", c->path,
                          c->line, c->names[i]);
  return 0;
}

static int read_header(lw_csv *c, lw_err *e) {
  c->names = calloc(LW_CSV_COLUMNS_MAX, sizeof *c->names);
  c->cells = calloc(LW_CSV_COLUMNS_MAX, sizeof *c->cells);
  if (!c->names || !c->cells)
    return lw_err_set(e, LW_E_NOMEM, "%s: out of memory", c->path);
  if (!skip_empty_lines(c))
    return lw_err_set(e, LW_E_SYNTAX, "%s: empty, no header line", c->path);
  for (int is_last = 0; !is_last; c->column_n++) {
    if (c->column_n == LW_CSV_COLUMNS_MAX)
      return lw_err_set(e, LW_E_RANGE, "%s:%zu: more than %d columns", c->path,
                        c->line, LW_CSV_COLUMNS_MAX);
    int rc = read_cell(c, &c->names[c->column_n], &is_last, e);
    if (rc < 0)
      return rc;
  }
  return check_names(c, e);
}

int lw_csv_file(const char *path, FILE **out, lw_err *e) {
  // To open a named pipe that nobody writes to would wait for ever; it is
  // empty.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  FILE *f = fd >= 0 && fcntl(fd, F_SETFL, 0) == 0 ? fdopen(fd, "rb") : NULL;
  *out = f;
  if (f)
    return 0;
  int rc = lw_err_set(e, errno == ENOENT ? LW_E_NOTFOUND : LW_E_IO, "%s: %s",
                      path, strerror(errno));
  if (fd >= 0)
    close(fd);
  return rc;
}

int lw_csv_open(lw_csv *c, const char *path, char separator, lw_err *e) {
  *c = (lw_csv){.path = path, .separator = separator, .next_line = 1};
  FILE *f;
  int rc = lw_csv_file(path, &f, e);
  if (rc < 0)
    return rc;
  rc = load(c, f, e);
  fclose(f);
  if (rc == 0) {
    if (!strncmp(c->text, "\xEF\xBB\xBF", 3))
      c->at = 3;
    if (!c->separator)
      c->separator = guess_separator(c);
    rc = read_header(c, e);
  }
  if (rc < 0)
    lw_csv_close(c);
  return rc;
}

void lw_csv_close(lw_csv *c) {
  free(c->cells);
  free(c->names);
  free(c->text);
  *c = (lw_csv){.path = c->path};
}

int lw_csv_column(const lw_csv *c, const char *name) {
  for (size_t i = 0; i < c->column_n; i++)
    if (!strcmp(c->names[i], name))
      return (int)i;
  return LW_E_NOTFOUND;
}

int lw_csv_next(lw_csv *c, lw_err *e) {
  if (!skip_empty_lines(c))
    return 0;
  size_t n = 0;
  for (int is_last = 0; !is_last; n++) {
    char *cell;
    int rc = read_cell(c, &cell, &is_last, e);
    if (rc < 0)
      return rc;
    if (n < c->column_n)
      c->cells[n] = cell;
  }
  if (n != c->column_n)
    return lw_err_set(e, LW_E_SYNTAX, "%s:%zu: %zu cells, the header has %zu",
                      c->path, c->line, n, c->column_n);
  return 1;
}
