// A VM for an embedding program, on a thread of its own with a deep stack: the
// recipe's nested coroutines must not meet the end of the caller's.
#ifndef LW_BIND_EMBED_H
#define LW_BIND_EMBED_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

#define LW_EMBED_WORDS_MAX 80

typedef struct lw_embed lw_embed;

// What a call takes and gives: words are texts, or numbers when text is NULL.
typedef struct lw_embed_word {
  const char *text;
  double number;
} lw_embed_word;

typedef struct lw_embed_answer {
  double number, second; // first and second result that are numbers, else NaN
  char text[4096];       // first result that is a text, cut; else ""
} lw_embed_answer;

int lw_embed_open(lw_embed **x, lw_err *e);
void lw_embed_close(lw_embed *x); // NULL is fine

// Call a function of linewright.embed and wait. The world's no (nil, message,
// code) and errors come back as codes, LW_E_SCRIPT when there is none.
int lw_embed_call(lw_embed *x, const char *function, const lw_embed_word *words,
                  size_t n, lw_embed_answer *answer, lw_err *e);

#endif
