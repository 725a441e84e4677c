package dev.lanewise.nn;

import dev.lanewise.core.LanewiseException;

import java.io.Serial;
import java.util.List;

/** A state does not fit a model; the message lists every difference. */
public final class StateDictException extends LanewiseException {
    @Serial private static final long serialVersionUID = 1L;

    StateDictException(String source, String model, List<String> differences) {
        super(message(source, model, differences));
    }

    private static String message(String source, String model, List<String> differences) {
        StringBuilder text =
                new StringBuilder("load: ").append(source).append(" does not fit ").append(model);
        for (int i = 0; i < differences.size(); i++) {
            text.append("\n  ").append(i + 1).append(". ").append(differences.get(i));
        }
        return text.toString();
    }
}
