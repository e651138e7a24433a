{{/* Who may call the gateways, and what the chart's own callers show. */}}

{{/* Takes the root: entries of `env` that say who may call. */}}
{{- define "duplexsla.authEnv" -}}
{{- $auth := .Values.auth -}}
- name: DUPLEXSLA_AUTH
  value: {{ join "," (default (list "none") $auth.methods) }}
{{- if not $auth.methods }}
{{- if not $auth.openToAll }}{{ fail "auth.methods: say how callers show who they are, or auth.openToAll=true" }}{{ end }}
- name: DUPLEXSLA_AUTH_NONE_ANYWHERE
  value: "yes"
{{- end }}
{{- if has "jwt" $auth.methods }}
- name: DUPLEXSLA_AUTH_ISSUER
  value: {{ required "auth.issuer: auth.methods has jwt" $auth.issuer | quote }}
- name: DUPLEXSLA_AUTH_AUDIENCE
  value: {{ required "auth.audience: auth.methods has jwt" $auth.audience | quote }}
- name: DUPLEXSLA_AUTH_KEYS
  value: {{ required "auth.keysUrl: auth.methods has jwt" $auth.keysUrl | quote }}
{{- end }}
{{- if or (has "api-key" $auth.methods) (has "certificate" $auth.methods) }}
- name: DUPLEXSLA_AUTH_API_KEYS
  value: /etc/duplexsla/api-keys/{{ $auth.apiKeysSecret.key }}
{{- end }}
{{- end -}}

{{/* Takes the root: entries of `volumeMounts` and `volumes` for API keys. */}}
{{- define "duplexsla.authMounts" -}}
{{- if or (has "api-key" .Values.auth.methods) (has "certificate" .Values.auth.methods) }}
- name: api-keys
  mountPath: /etc/duplexsla/api-keys
  readOnly: true
{{- end }}
{{- end -}}

{{- define "duplexsla.authVolumes" -}}
{{- if or (has "api-key" .Values.auth.methods) (has "certificate" .Values.auth.methods) }}
- name: api-keys
  secret:
    secretName: {{ required "auth.apiKeysSecret.name: auth.methods has api-key or certificate" .Values.auth.apiKeysSecret.name }}
{{- end }}
{{- end -}}

{{/* Takes the root: a caller's token, as an argument, a mount and a volume. */}}
{{- define "duplexsla.tokenArgument" -}}
{{- if .Values.callers.tokenSecret.name }}
- --token=@/etc/duplexsla/caller/{{ .Values.callers.tokenSecret.key }}
{{- end }}
{{- end -}}

{{- define "duplexsla.tokenMount" -}}
{{- if .Values.callers.tokenSecret.name }}
- {name: caller, mountPath: /etc/duplexsla/caller, readOnly: true}
{{- end }}
{{- end -}}

{{- define "duplexsla.tokenVolume" -}}
{{- with .Values.callers.tokenSecret.name }}
- name: caller
  secret: {secretName: {{ . }}}
{{- end }}
{{- end -}}

{{/* Takes the root: the entry of `env` with what is shown to the home service. */}}
{{- define "duplexsla.homesToken" -}}
{{- with .Values.home.tokenSecret }}
{{- if .name }}
- name: DUPLEXSLA_HOMES_TOKEN
  valueFrom:
    secretKeyRef: {name: {{ .name }}, key: {{ .key }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes the root: the entry of `env` with the shares of homes and tenants. */}}
{{- define "duplexsla.quotasEnv" -}}
{{- with .Values.quotas }}
- name: DUPLEXSLA_QUOTAS
  value: {{ range $index, $kind := keys . | sortAlpha }}{{ if $index }},{{ end }}{{ $kind }}={{ index $.Values.quotas $kind }}{{ end }}
{{- end }}
{{- end -}}
