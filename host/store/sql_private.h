// What the files sql*.c share. Private to store/.
#ifndef LW_STORE_SQL_PRIVATE_H
#define LW_STORE_SQL_PRIVATE_H

#include "store/sql.h"
#include "store/store_private.h"

// Statements that make the views, in the connection's own temporary schema.
extern const char lw_sql_views[];

// Make the functions known to the connection; SQLite's code.
int lw_sql_functions(lw_store *s);

#endif
