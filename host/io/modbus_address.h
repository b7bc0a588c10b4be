// Addresses of a Modbus device, and its numbers as 16-bit words.
#ifndef LW_IO_MODBUS_ADDRESS_H
#define LW_IO_MODBUS_ADDRESS_H

#include <stddef.h> // size_t
#include <stdint.h> // uint16_t

#include "base/err.h" // lw_err

// The four tables of a device. X(name, prefix, Modicon digit, is bits,
// writable)
#define LW_MODBUS_TABLES(X)                                                    \
  X(coil, "co", '0', 1, 1)                                                     \
  X(discrete_input, "di", '1', 1, 0)                                           \
  X(input_register, "ir", '3', 0, 0) X(holding_register, "hr", '4', 0, 1)
enum {
#define LW_MODBUS_ENUM(name, prefix, digit, bits, writable) LW_MODBUS_##name,
  LW_MODBUS_TABLES(LW_MODBUS_ENUM)
#undef LW_MODBUS_ENUM
      LW_MODBUS_TABLE_N
};

// Most registers of a text reading, and how many one has unless told.
#define LW_MODBUS_TEXT_MAX 31
#define LW_MODBUS_TEXT 16

typedef struct lw_modbus_address {
  int table; // LW_MODBUS_*
  int first; // protocol address, 0..65535
  int n;     // registers or bits
  int bit;   // of a register, 0..15; -1 = the whole register
} lw_modbus_address;

// Read an address (DSL.md 2.21):
//   hr:N ir:N co:N di:N   protocol address, counted from 0
//   40012 or 400012       Modicon digits, counted from 1
//   hr:N.B                bit B of a register, for a bool that is only read
//   hr:N:L                text of L registers, two characters each
// Returns 0, or LW_E_SYNTAX with a text that says what would be right.
int lw_modbus_address_parse(const char *text, int type, int access,
                            lw_modbus_address *out, lw_err *e);

// 1 for coils and discrete inputs.
int lw_modbus_is_bits(int table);

// A number as words, most significant first unless word_order is
// LW_LITTLE_WORDS; `words` holds as many as its type needs.
// Returns 0, or LW_E_RANGE when the type cannot hold the value.
int lw_modbus_encode(double value, int type, int word_order, uint16_t *words);
double lw_modbus_decode(const uint16_t *words, int type, int word_order);
// n registers of two characters each, high byte first unless word_order is
// LW_LITTLE_WORDS; up to the first NUL, trailing blanks dropped.
void lw_modbus_decode_text(const uint16_t *words, int n, int word_order,
                           char *buf, size_t size);

#endif
