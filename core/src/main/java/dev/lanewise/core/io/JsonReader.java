package dev.lanewise.core.io;

import java.util.Arrays;

/**
 * Reads strict JSON (RFC 8259) piece by piece, as its caller expects it: objects, strings and lists
 * of non-negative integers, which is all that a safetensors header holds.
 *
 * <p>The caller's own structure bounds the depth, nothing is built that was not asked for, and each
 * character is looked at once.
 */
final class JsonReader {

    private static final int EXCERPT = 60;

    private final Source source;
    private final String text;
    private int at;

    JsonReader(Source source, String text) {
        this.source = source;
        this.text = text;
    }

    /** An exception that names the file and the place. */
    ModelFormatException malformed(String problem) {
        return source.malformed("header, character %d: %s".formatted(at, problem));
    }

    /** A string for messages: quoted, printable, not too long. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length() && i < EXCERPT; i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 0x7F ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return out.append(text.length() > EXCERPT ? "...\"" : "\"").toString();
    }

    private void skipBlanks() {
        while (at < text.length()) {
            switch (text.charAt(at)) {
                case ' ', '\t', '\n', '\r' -> at++;
                default -> {
                    return;
                }
            }
        }
    }

    private char peek() {
        skipBlanks();
        if (at == text.length()) {
            throw malformed("ends too early");
        }
        return text.charAt(at);
    }

    private void expect(char wanted) {
        char found = peek();
        if (found != wanted) {
            throw malformed("expected '%c', found %s".formatted(wanted, quoted("" + found)));
        }
        at++;
    }

    void beginObject() {
        expect('{');
    }

    /** Whether a key follows in the current object; if not, its end has been read. */
    boolean hasNextKey(boolean first) {
        char next = peek();
        if (next == '}') {
            at++;
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** A key and the colon behind it. */
    String key() {
        String key = string();
        expect(':');
        return key;
    }

    /** Checks that only blanks are left. */
    void end() {
        skipBlanks();
        if (at != text.length()) {
            throw malformed("something follows the end of the header");
        }
    }

    /** A list of at most so many non-negative integers. */
    long[] integers(int most, String what) {
        long[] values = new long[Math.min(most, 16)];
        int count = 0;
        expect('[');
        if (peek() == ']') {
            at++;
            return new long[0];
        }
        while (true) {
            if (count == most) {
                throw malformed("%s has more than %d numbers".formatted(what, most));
            }
            if (count == values.length) {
                values = Arrays.copyOf(values, Math.min(most, 2 * count));
            }
            values[count++] = integer();
            if (peek() == ']') {
                at++;
                return Arrays.copyOf(values, count);
            }
            expect(',');
        }
    }

    private long integer() {
        char first = peek();
        int start = at;
        long value = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            int digit = text.charAt(at) - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                throw malformed("a number does not fit 63 bits");
            }
            value = value * 10 + digit;
            at++;
        }
        boolean ends = at == text.length() || ".eE+-".indexOf(text.charAt(at)) < 0;
        if (at == start || !ends || first == '0' && at - start > 1) {
            throw malformed("expected a non-negative integer");
        }
        return value;
    }

    /** A string, unescaped. */
    String string() {
        expect('"');
        int start = at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                return text.substring(start, at++);
            }
            if (c == '\\') {
                return escapedString(start);
            }
            checkRaw(c);
            at++;
        }
        throw malformed("a string does not end");
    }

    private void checkRaw(char c) {
        if (c < ' ') {
            throw malformed("a control character in a string");
        }
    }

    private String escapedString(int start) {
        StringBuilder out = new StringBuilder().append(text, start, at);
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return checkedPairs(out.toString());
            }
            checkRaw(c);
            at++;
            out.append(c == '\\' ? escape() : c);
        }
        throw malformed("a string does not end");
    }

    private char escape() {
        if (at == text.length()) {
            throw malformed("a string does not end");
        }
        return switch (text.charAt(at++)) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '/' -> '/';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw malformed("an unknown escape in a string");
        };
    }

    private char unicode() {
        int value = 0;
        for (int i = 0; i < 4; i++, at++) {
            // Character.digit would take digits of other scripts.
            char c = at < text.length() ? text.charAt(at) : ' ';
            int digit = c < 0x7F ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw malformed("expected four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    /** Refuses halves of surrogate pairs, which are no text and could not be written again. */
    private String checkedPairs(String string) {
        if (!isText(string)) {
            throw malformed("half of a surrogate pair in a string");
        }
        return string;
    }

    /** Whether a string has no lone halves of surrogate pairs. */
    static boolean isText(String string) {
        for (int i = 0; i < string.length(); i++) {
            if (Character.isSurrogate(string.charAt(i))) {
                boolean pair =
                        i + 1 < string.length()
                                && Character.isSurrogatePair(
                                        string.charAt(i), string.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** Appends a string in quotes, escaped. */
    static void write(String string, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
