#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// The parts that schema.h is written in. A field names a member of a struct and how it travels; it
// refers to a const member when a message is written and to a mutable one when it is read, so that
// both directions follow the same line of the schema.
namespace distcache::wire {

template <typename T, typename U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

template <typename T>
struct Number {  // unsigned integer or enum
  const char* name;
  T& at;
  uint64_t min;
  uint64_t max;
};

template <typename T>
struct Code {  // a number from a list that later versions extend
  const char* name;
  T& at;
  bool (*known)(uint64_t);
  std::remove_const_t<T> otherwise;  // what a number that is not known reads as
};

template <typename T>
struct Boolean {
  const char* name;
  T& at;
};

template <typename T>
struct Text {  // str
  const char* name;
  T& at;
  size_t min;
  size_t max;
  bool cut;  // a text for people is shortened rather than refused by the writer
};

template <typename T>
struct Binary {  // bin
  const char* name;
  T& at;
  size_t min;
  size_t max;
};

template <typename T>
struct Value {  // Buffer: nil, bin, or the index of a part
  const char* name;
  T& at;
  size_t min;  // 0: may also be absent
};

enum class Span : uint8_t {
  plain,    // unsigned microseconds, rounded down: a lease or a remaining time never grows
  lasting,  // the same, and Duration::max() is nil
  wish,     // a lasting one whose zero has a meaning of its own: rounded up
};

template <typename T>
struct Time {
  const char* name;
  T& at;
  Span span;
};

template <typename T>
struct Location {  // core::Address as str, empty if there is none
  const char* name;
  T& at;
};

template <typename T>
struct Record {  // an array, one element for each field
  T& at;
};

template <typename T>
struct Optional {  // nil when it is the default
  T& at;
  bool absent;
};

// `item` makes the field of one element; `item_bytes` is the least that it takes on the wire, so
// that a count is checked against the bytes left before room for it is made.
template <typename T, typename Item>
struct List {
  const char* name;
  T& at;
  size_t min;
  size_t max;
  size_t item_bytes;
  Item item;
};

// The range of a Number is its type's unless the schema narrows it.
template <typename T>
Number<T> number(const char* name, T& at, uint64_t min = 0, uint64_t max = UINT64_MAX) {
  constexpr uint64_t widest = UINT64_MAX >> (64 - 8 * sizeof(T));
  return {name, at, min, max < widest ? max : widest};
}
template <typename T>
Code<T> code(const char* name, T& at, bool (*known)(uint64_t), std::remove_const_t<T> otherwise) {
  return {name, at, known, otherwise};
}
template <typename T>
Boolean<T> boolean(const char* name, T& at) {
  return {name, at};
}
template <typename T>
Text<T> text(const char* name, T& at, size_t min, size_t max) {
  return {name, at, min, max, false};
}
template <typename T>
Text<T> cut_text(const char* name, T& at, size_t max) {
  return {name, at, 0, max, true};
}
template <typename T>
Binary<T> binary(const char* name, T& at, size_t min, size_t max) {
  return {name, at, min, max};
}
template <typename T>
Value<T> value(const char* name, T& at, size_t min = 0) {
  return {name, at, min};
}
template <typename T>
Time<T> time(const char* name, T& at, Span span = Span::plain) {
  return {name, at, span};
}
template <typename T>
Location<T> location(const char* name, T& at) {
  return {name, at};
}
template <typename T>
Record<T> record(T& at) {
  return {at};
}
template <typename T>
Optional<T> optional(T& at, bool absent) {
  return {at, absent};
}
template <typename T, typename Item>
List<T, Item> list(const char* name, T& at, size_t min, size_t max, size_t item_bytes, Item item) {
  return {name, at, min, max, item_bytes, item};
}

}  // namespace distcache::wire
