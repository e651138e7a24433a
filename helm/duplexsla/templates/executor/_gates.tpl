{{/* Takes the root: the entry of `env` with the key that gateways and executors share for the codes of homes. */}}
{{- define "duplexsla.codeKeyEnv" -}}
{{- with .Values.gates.codes }}
{{- if .existingSecret }}
- name: DUPLEXSLA_CODE_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .keyKey }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `env` of executors for policy and codes. */}}
{{- define "duplexsla.gatesEnv" -}}
{{- include "duplexsla.codeKeyEnv" . }}
{{- if .Values.gates.codes.existingSecret }}
- name: DUPLEXSLA_CODES_FILE
  value: /etc/duplexsla/codes/{{ .Values.gates.codes.codesKey }}
{{- end }}
{{- if .Values.gates.policy.configMap }}
- name: DUPLEXSLA_POLICY_FILE
  value: /etc/duplexsla/policy/{{ .Values.gates.policy.key }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `volumeMounts` for them; whole folders, so that a change is seen. */}}
{{- define "duplexsla.gatesMounts" -}}
{{- if .Values.gates.codes.existingSecret }}
- name: codes
  mountPath: /etc/duplexsla/codes
  readOnly: true
{{- end }}
{{- if .Values.gates.policy.configMap }}
- name: policy
  mountPath: /etc/duplexsla/policy
  readOnly: true
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `volumes` for them. */}}
{{- define "duplexsla.gatesVolumes" -}}
{{- with .Values.gates.codes }}
{{- if .existingSecret }}
- name: codes
  secret:
    secretName: {{ .existingSecret }}
    items: [{key: {{ .codesKey }}, path: {{ .codesKey }}}]
{{- end }}
{{- end }}
{{- if .Values.gates.policy.configMap }}
- name: policy
  configMap:
    name: {{ .Values.gates.policy.configMap }}
{{- end }}
{{- end -}}
