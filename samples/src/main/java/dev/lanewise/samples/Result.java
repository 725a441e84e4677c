package dev.lanewise.samples;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last line that a sample prints: {@code RESULT sample=NAME key=value ...}, for programs to
 * read. Numbers are plain decimals of at most six significant digits, without units; the unit, if
 * any, ends the key ({@code seconds}, {@code p50_us}).
 */
final class Result {
    private final Map<String, String> values = new LinkedHashMap<>();

    private Result(String sample) {
        values.put("sample", sample);
    }

    static Result of(String sample) {
        return new Result(sample);
    }

    Result put(String key, double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return put(key, Double.toString(value));
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(6));
        return put(key, rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString());
    }

    Result put(String key, long value) {
        return put(key, Long.toString(value));
    }

    Result put(String key, String value) {
        if (key.isEmpty() || (key + value).chars().anyMatch(c -> c <= ' ' || c == '=')) {
            throw new IllegalArgumentException(
                    "a result may hold no blanks and no '=': " + key + "=" + value);
        }
        values.put(key, value);
        return this;
    }

    void print() {
        System.out.println(this);
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder("RESULT");
        values.forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
        return line.toString();
    }
}
